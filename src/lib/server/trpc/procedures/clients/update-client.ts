import { clientSettingsSchema } from '../../../../contract/client-settings';
import { updateClient as update } from '../../../flows/clients/manage-clients';
import { changeOf } from '../../change-of';
import { appOperatorProcedure } from '../../guards';
import { madeClientView } from '../../views/client';
import { idInput } from '../../views/page';

/** Changes the given settings of a client. One that becomes confidential gets a secret, shown this once. */
export const updateClient = appOperatorProcedure
	.input(changeOf(clientSettingsSchema).extend({ id: idInput }))
	.output(madeClientView)
	.mutation(({ ctx, input: { id, ...change } }) =>
		update(ctx.app, { id, change, actor: ctx.actor }, ctx.visitor()),
	);
