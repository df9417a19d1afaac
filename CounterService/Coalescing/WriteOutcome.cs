using System.Runtime.InteropServices;
using Floodgate.Messaging.Counters;

namespace Floodgate.CounterService.Coalescing;

/// <summary>What became of a write.</summary>
internal enum WriteStatus
{
    /// <summary>It is durable.</summary>
    Durable,

    /// <summary>It was not taken: too many wait.</summary>
    Busy,

    /// <summary>It was not taken: the flush is too far behind.</summary>
    Behind,

    /// <summary>It was not taken: the broker is away, or this process ends.</summary>
    Away,

    /// <summary>The broker did not confirm it: it may or may not be durable.</summary>
    Unconfirmed,
}

/// <summary>What became of a write.</summary>
/// <param name="Status">Whether it is durable.</param>
/// <param name="Envelope">The envelope it is in.</param>
/// <param name="RedisAnswered">Whether Redis took it.</param>
/// <param name="Value">The counter's value with it; null where Redis does not have it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WriteOutcome(WriteStatus Status, EnvelopeId Envelope, bool RedisAnswered, long? Value)
{
    /// <summary>When to try again, if it was not taken.</summary>
    public TimeSpan RetryAfter { get; init; }

    public static WriteOutcome Unconfirmed { get; } = Refused(WriteStatus.Unconfirmed);

    public static WriteOutcome Refused(WriteStatus status) => new(status, default, RedisAnswered: false, Value: null);
}
