import type { ErrorCode, RefusalParams } from '../../contract/errors';

/** The content of `error` in an answer. `message` is for people, in the language they asked for. */
export interface ApiErrorShape {
	message: string;
	/** JSON-RPC number of the tRPC code, for tRPC's own clients. */
	code: number;
	data: {
		code: ErrorCode;
		httpStatus: number;
		/** The procedure, where it is known. */
		path?: string;
		/** Values that the message names, e.g. `{ min: 8 }`. */
		params: RefusalParams;
		/** Which inputs are at fault, each with its own code and text. */
		fields: Record<string, { code: ErrorCode; message: string }>;
	};
}
