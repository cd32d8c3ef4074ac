/** Tells an app from anything else that a module may export, whichever copy of the package it is made of. */
export const appBrand: unique symbol = Symbol.for('@dashi/tasks/app')
