/** @type {{ importedBy: RegExp, specifier: string, url: string }[]} */
let substitutes = [];

/** @param {{ importedBy: string, specifier: string, url: string }[]} given */
export function initialize(given) {
  substitutes = given.map((each) => ({ ...each, importedBy: new RegExp(each.importedBy) }));
}

/** @type {import("node:module").ResolveHook} */
export async function resolve(specifier, context, next) {
  const found = substitutes.find((each) => each.specifier === specifier && each.importedBy.test(context.parentURL ?? ""));
  return next(found?.url ?? specifier, context);
}
