/** Rows to come. Seen only when they take longer than 200 ms. */
export function Loading() {
  return (
    <div role="status" className="late flex flex-col gap-px p-4">
      <span className="sr-only">Loading</span>
      {[72, 64, 80, 58, 70, 66].map((width) => (
        <div key={width} className="flex h-9 items-center border-b">
          <div className="breathing h-2.5 rounded-full bg-quiet-soft" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  );
}
