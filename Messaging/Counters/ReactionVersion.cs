namespace Floodgate.Messaging.Counters;

/// <summary>The time in the versions of reactions: a version is at least the microseconds from 1970 to when it was issued.</summary>
public static class ReactionVersion
{
    /// <summary>The least version that is issued at a time.</summary>
    public static long At(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
