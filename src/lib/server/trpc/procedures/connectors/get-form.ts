import { z } from 'zod';
import { operatorProcedure } from '../../guards';
import { idInput } from '../../views/page';
import { pluginFormView } from '../../views/plugin';
import { pluginScope } from './scope';

/** The settings that a plugin has, with their values. Secrets are never included. */
export const getForm = operatorProcedure
	.input(z.strictObject({ id: idInput }))
	.output(pluginFormView)
	.query(async ({ ctx, input }) => (await pluginScope(ctx)).plugins.formOf(input.id, ctx.locale()));
