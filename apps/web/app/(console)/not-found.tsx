import { Missing } from "../../components/shell/missing.tsx";

export default function ConsoleNotFound() {
  return <Missing />;
}
