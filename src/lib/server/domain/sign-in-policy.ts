/** Who may sign in, once proven. Anything this does not know is a no. */
import type { ErrorCode } from '../../contract/errors';

interface Account {
	status: 'active' | 'disabled' | 'pending';
}

/** @returns the refusal, or undefined when the account may sign in */
export function whyNotSignIn(account: Account): ErrorCode | undefined {
	return account.status === 'active' ? undefined : 'auth/account-disabled';
}
