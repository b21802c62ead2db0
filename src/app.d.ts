import type { ErrorCode } from '$lib/contract/errors';
import type { CurrentUser } from '$lib/server/flows/account/current-user';
import type { ApplianceServices, AppServices, Visitor } from '$lib/server/flows/services';
import type { CurrentOperator } from '$lib/server/edge/operator';
import type { Locale } from '$lib/i18n/locale';
import type { Interactions } from '$lib/server/oidc/interactions/interactions';

declare global {
	namespace App {
		interface Locals {
			requestId: string;
			locale: Locale;
			/** Set by the pages of an app that is always light or always dark. */
			theme?: 'light' | 'dark';
			visitor: Visitor;
			appliance: ApplianceServices;
			/** Sign-ins under way, as the engine knows them. */
			interactions: Interactions;
			/** The app that the path names, where it names one. @throws Refusal app/not-found */
			app(): Promise<AppServices>;
			/** The user signed in to that app in this browser. Read once per request. */
			currentUser(): Promise<CurrentUser | undefined>;
			/** The operator signed in to the console in this browser. Read once per request. */
			currentOperator(): Promise<CurrentOperator | undefined>;
		}
		interface Error {
			message: string;
			code?: ErrorCode;
			requestId?: string;
		}
	}
}

export {};
