namespace Floodgate.FlushWorker.Telemetry;

/// <summary>The log messages of FlushWorker: 4001 to 4099.</summary>
internal static partial class FlushLog
{
    [LoggerMessage(EventId = 4050, Level = LogLevel.Error, Message = "Audit: the slot of {Counter} in partition {Partition} was wrong by {Amount} and is corrected")]
    public static partial void Corrected(ILogger logger, string counter, int partition, long amount);

    [LoggerMessage(EventId = 4051, Level = LogLevel.Error, Message = "Audit: the slots of partition {Partition} come to {Difference} more than was ever added to them: something else wrote there")]
    public static partial void Unbalanced(ILogger logger, int partition, decimal difference);

    [LoggerMessage(EventId = 4053, Level = LogLevel.Error, Message = "Audit: the likes of post {Post} are wrong and could not be corrected")]
    public static partial void NotCorrected(ILogger logger, long post, Exception exception);

    [LoggerMessage(EventId = 4052, Level = LogLevel.Warning, Message = "The audit could not be done; it is tried again in {Delay}")]
    public static partial void NotAudited(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(EventId = 4001, Level = LogLevel.Debug, Message = "Consuming partition {Partition}")]
    public static partial void Consuming(ILogger logger, int partition);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Warning, Message = "The consumer of partition {Partition} ended; starting it again in {Delay}")]
    public static partial void ConsumerEnded(ILogger logger, int partition, TimeSpan delay, Exception? exception);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Warning, Message = "A batch of {Envelopes} envelopes of partition {Partition} could not be flushed; trying again in {Delay}")]
    public static partial void FlushFailed(ILogger logger, int partition, int envelopes, TimeSpan delay, Exception exception);

    [LoggerMessage(EventId = 4004, Level = LogLevel.Error, Message = "Parked a message of partition {Partition} with {Bytes} bytes: {Reason}")]
    public static partial void Parked(ILogger logger, int partition, int bytes, string reason);

    [LoggerMessage(EventId = 4005, Level = LogLevel.Warning, Message = "Redis was not told of {Counters} counters of partition {Partition}; all visible values are to be loaded anew")]
    public static partial void NotReconciled(ILogger logger, int partition, int counters, Exception exception);

    [LoggerMessage(EventId = 4006, Level = LogLevel.Warning, Message = "Among {Envelopes} envelopes of partition {Partition} is one that cannot be applied; it is being sought")]
    public static partial void Seeking(ILogger logger, int partition, int envelopes, Exception exception);

    [LoggerMessage(EventId = 4007, Level = LogLevel.Information, Message = "Forgot {Producers} producers and {Requests} Idempotency-Keys, rolled up {Minutes} minutes, deleted {Hours} hours")]
    public static partial void Cleaned(ILogger logger, long producers, long requests, long minutes, long hours);

    [LoggerMessage(EventId = 4008, Level = LogLevel.Warning, Message = "What is old could not be cleaned up; trying again in {Delay}")]
    public static partial void NotCleaned(ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(EventId = 4009, Level = LogLevel.Warning, Message = "This worker could not say that it is alive; the others may take over its partitions")]
    public static partial void NotSeen(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 4010, Level = LogLevel.Information, Message = "{Workers} workers are alive; this one's partitions are {Partitions}")]
    public static partial void Shared(ILogger logger, int workers, string partitions);

    [LoggerMessage(EventId = 4011, Level = LogLevel.Debug, Message = "The queues do not say how deep they are")]
    public static partial void NotMeasured(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 4012, Level = LogLevel.Information, Message = "Letting go of partition {Partition}, as its own worker is there")]
    public static partial void LettingGo(ILogger logger, int partition);
}
