using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Consistency.Load;

/// <summary>How one request of a session ended.</summary>
/// <param name="Start">When it was sent.</param>
/// <param name="End">When its answer was there and its token kept.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Status">The status; 0 where no answer came.</param>
/// <param name="Node">Where it was answered.</param>
/// <param name="Reason">Why there.</param>
/// <param name="Value">The body of a 2xx answer.</param>
internal sealed record SessionAnswer<T>(long Start, long End, Outcome Outcome, int Status, string? Node, string? Reason, T? Value)
    where T : class;
