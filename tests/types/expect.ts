/** What type tests are written with. A file that compiles passes; what must be refused stands under @ts-expect-error. */

/** `true` where two types are the same, `any` being the same as nothing but itself. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles only where the type is `true`. */
export function expectType<_T extends true>(): void {}
