import { ValidationErrorsIBAN as Wrong, validateIBAN } from "ibantools";
import { z } from "zod";

/** `de89 3704 0044 0532 0130 00` → `DE89370400440532013000`. */
export function compactIban(text: string): string {
  return text.replace(/[\s\u00a0]+/g, "").toUpperCase();
}

/** What is wrong with a compact IBAN, in words for the person who typed it; `undefined` when nothing is. */
export function ibanProblem(iban: string): string | undefined {
  if (!/^[A-Z0-9]+$/.test(iban)) return "an IBAN has only letters and digits";
  const { valid, errorCodes } = validateIBAN(iban);
  if (valid) return undefined;
  if (errorCodes.includes(Wrong.NoIBANCountry)) return `no IBAN begins with ${iban.slice(0, 2)}`;
  if (errorCodes.includes(Wrong.WrongBBANLength)) return `an IBAN of ${iban.slice(0, 2)} has another length than ${iban.length}`;
  if (errorCodes.includes(Wrong.WrongIBANChecksum)) return "the IBAN's check digits do not match, a digit is wrong or two are swapped";
  if (errorCodes.includes(Wrong.WrongAccountBankBranchChecksum)) return "the account number's own check digits do not match";
  return `this is not how an IBAN of ${iban.slice(0, 2)} is built`;
}

/** A compact, valid IBAN on the wire. */
export const iban = z.string().superRefine((text, context) => {
  const problem = ibanProblem(text);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});
