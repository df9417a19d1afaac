namespace Floodgate.CounterService.Telemetry;

/// <summary>The log messages of CounterService: 3001 to 3099.</summary>
internal static partial class CounterLog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "Envelope {Partition}:{Sequence} with {Writes} writes was not confirmed; their callers get 503")]
    public static partial void Unconfirmed(ILogger logger, int partition, long sequence, int writes, Exception exception);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "Envelope {Partition}:{Sequence} is durable but not in Redis: {Reason}")]
    public static partial void NotShown(ILogger logger, int partition, long sequence, string reason);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Warning, Message = "The queues cannot be declared yet; trying again in {Delay}")]
    public static partial void NotDeclared(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Warning, Message = "Redis does not answer for {What}: {Reason}")]
    public static partial void RedisAway(ILogger logger, string what, string reason);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Warning, Message = "PostgreSQL does not answer for {What} in time; going on without")]
    public static partial void LookupFailed(ILogger logger, string what, Exception exception);

    [LoggerMessage(EventId = 3006, Level = LogLevel.Error, Message = "A queue is missing; declaring all of them again. Whatever was in it is lost")]
    public static partial void QueueMissing(ILogger logger);

    [LoggerMessage(EventId = 3007, Level = LogLevel.Debug, Message = "The primary does not say how far the flush is: {Reason}")]
    public static partial void LagUnknown(ILogger logger, string reason);

    [LoggerMessage(EventId = 3008, Level = LogLevel.Error, Message = "Partition {Partition}: {Envelopes} envelopes with {Writes} acknowledged writes are neither applied nor put aside, though later ones are applied")]
    public static partial void Missing(ILogger logger, int partition, long envelopes, long writes);

    [LoggerMessage(EventId = 3009, Level = LogLevel.Information, Message = "Counter {Counter} is spread over {Width} partitions instead of {Before}, as it is written {Rate:0} times a second")]
    public static partial void Spread(ILogger logger, Floodgate.Messaging.Counters.CounterId counter, int before, int width, double rate);

    [LoggerMessage(EventId = 3010, Level = LogLevel.Warning, Message = "Redis did not hear of a like, and the primary does not answer either: it is refused")]
    public static partial void EpochNotRaised(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3011, Level = LogLevel.Debug, Message = "What users like was not filled into Redis; the next read tries again: {Reason}")]
    public static partial void NotFilled(ILogger logger, string reason);
}
