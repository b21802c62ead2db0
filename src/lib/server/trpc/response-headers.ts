export type ResponseHeaders = readonly (readonly [name: string, value: string])[];
