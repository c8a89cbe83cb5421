import { SignedOut } from "../../components/shell/signed-out.tsx";

export default function SignedOutPage() {
  return <SignedOut />;
}
