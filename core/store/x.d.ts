export declare const x_store: number;
