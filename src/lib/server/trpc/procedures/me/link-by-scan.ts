import { z } from 'zod';
import { beginLinkingByScan, linkScanned } from '../../../flows/account/link-by-scan';
import { sessionProcedure } from '../../guards';
import { begunScanAs, begunScanView } from '../auth/scan/begin-scan';
import { connectorInput, secretInput, tokenInput } from '../auth/inputs';

/**
 * What this screen shows for another device to scan, whose account is to be linked. Ask `auth.scan.watch` until it is
 * confirmed. The password may be left out where the account has none: then the sign-in must be of the last minutes.
 */
export const beginScanToLink = sessionProcedure
	.input(z.strictObject({ connector: connectorInput, password: secretInput.optional() }))
	.output(begunScanView)
	.mutation(async ({ ctx: { app, user, session, visitor }, input: { connector, password = '' } }) => {
		const owner = { user, session, password };
		return begunScanAs(await beginLinkingByScan(app, { owner, connector }, visitor()));
	});

/** Links what was confirmed, for the session that began it. */
export const linkScan = sessionProcedure
	.input(z.strictObject({ secret: tokenInput }))
	.output(z.void())
	.mutation(({ ctx: { app, user, session, visitor }, input: { secret } }) =>
		linkScanned(app, { user, session, secret }, visitor()),
	);
