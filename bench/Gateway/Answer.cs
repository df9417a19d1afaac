namespace Floodgate.Bench.Gateway;

/// <summary>How a call ended.</summary>
internal enum Outcome
{
    /// <summary>A 2xx answer came: what was asked for is done.</summary>
    Acknowledged,

    /// <summary>Every request was turned away: what was asked for is not done.</summary>
    Refused,

    /// <summary>At least one request may have been carried out, and none was acknowledged.</summary>
    Unknown,
}

/// <summary>The end of a call, after all repeats.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Status">The last HTTP status; 0 where no answer came.</param>
/// <param name="Value">The body; null unless acknowledged.</param>
internal readonly record struct Answer<T>(Outcome Outcome, int Status, T? Value)
    where T : class;
