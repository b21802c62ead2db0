/** A one-time code as people paste it: spaces and dashes dropped, full-width digits made plain. */
export function plainCode(typed: string): string {
	return typed.normalize('NFKC').replace(/[\s\p{Pd}]/gu, '');
}
