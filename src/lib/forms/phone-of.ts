import { phoneKey } from '../contract/identifiers';

type Country = Parameters<typeof phoneKey>[1];

/**
 * The number with the country chosen beside it; a number with its own country keeps it, and an invalid one stays as
 * typed.
 */
export const phoneOf = ({ phone, country }: { phone: string; country: string }): string =>
	phoneKey(phone, (country || 'CN') as Country) ?? phone;
