import { z } from 'zod';
import { rotateClientSecret as rotate } from '../../../flows/clients/manage-clients';
import { appOperatorProcedure } from '../../guards';
import { madeClientView } from '../../views/client';
import { idInput } from '../../views/page';

/** Makes a new secret, shown this once; the old one stops at once. */
export const rotateClientSecret = appOperatorProcedure
	.input(z.strictObject({ id: idInput }))
	.output(madeClientView)
	.mutation(({ ctx, input }) => rotate(ctx.app, { id: input.id, actor: ctx.actor }, ctx.visitor()));
