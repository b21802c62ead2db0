import { z } from 'zod';
import { errorText } from '../../../../i18n/error-text';
import { testPlugin } from '../../../flows/connectors/configure-plugin';
import { operatorProcedure } from '../../guards';
import { idInput } from '../../views/page';
import { selfTestView } from '../../views/plugin';
import { pluginScope } from './scope';

/** Runs a plugin's self-test with its saved settings. */
export const testConnector = operatorProcedure
	.input(z.strictObject({ id: idInput }))
	.output(selfTestView)
	.mutation(async ({ ctx, input }) => {
		const result = await testPlugin(
			await pluginScope(ctx),
			{ id: input.id, actor: ctx.actor },
			ctx.visitor(),
		);
		return result.ok ? result : { ...result, message: errorText(result.code, result.params, ctx.locale()) };
	});
