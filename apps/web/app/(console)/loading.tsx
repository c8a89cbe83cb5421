import { Loading } from "../../components/shell/loading.tsx";

export default function ConsoleLoading() {
  return <Loading />;
}
