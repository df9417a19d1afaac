namespace Floodgate.SystemTests.Chaos;

/// <summary>What the caller knows of a write.</summary>
internal enum Outcome
{
    /// <summary>It is durable.</summary>
    Acknowledged,

    /// <summary>It was refused (429) and has no effect.</summary>
    Refused,

    /// <summary>It may have taken effect or not: 503, or no answer.</summary>
    Unknown,
}
