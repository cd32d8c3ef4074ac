/** The file is a database, but its tables are not what we can work with. Crosses threads as a failure. */
export class ForeignSchemaError extends Error {}
