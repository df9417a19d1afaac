namespace Floodgate.Bench.Consistency.Checking;

/// <summary>
/// The session guarantees of Terry et al., "Session Guarantees for Weakly Consistent Replicated Data" (1994), as a client
/// can observe them, and one that every register keeps.
/// </summary>
internal enum Guarantee
{
    /// <summary>A read shows what the session wrote before.</summary>
    ReadYourWrites,

    /// <summary>A read shows what the session's reads showed before.</summary>
    MonotonicReads,

    /// <summary>Whoever sees a write sees what its session wrote before it.</summary>
    MonotonicWrites,

    /// <summary>Whoever sees a write sees what its session had read before it.</summary>
    WritesFollowReads,

    /// <summary>What is read was written: no version that nobody sent, none that was turned away.</summary>
    OnlyWhatWasWritten,
}
