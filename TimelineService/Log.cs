using Floodgate.TimelineService.PullRanges;

namespace Floodgate.TimelineService;

/// <summary>The log messages of this service; 1000 to 1099.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1001, Level = LogLevel.Warning, Message = "Redis does not answer ({Reason}); pages come from SQL for a moment")]
    public static partial void RedisAway(ILogger logger, string reason);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message = "CounterService does not answer ({Reason}); pages go out without the likes that Redis does not show")]
    public static partial void CounterAway(ILogger logger, string reason);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Warning, Message = "Old Idempotency-Keys could not be deleted; the next round tries again")]
    public static partial void ExpiryFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Warning, Message = "The home timeline of user {User} could not be rebuilt; the page comes from SQL")]
    public static partial void RebuildFailed(ILogger logger, long user, Exception exception);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Warning, Message = "The outbox could not be relayed whole; trying again in {Pause}")]
    public static partial void RelayFailed(ILogger logger, TimeSpan pause, Exception exception);

    [LoggerMessage(EventId = 1006, Level = LogLevel.Warning, Message = "The channel that consumes {Queue} ended; opening another")]
    public static partial void ConsumerEnded(ILogger logger, string queue);

    [LoggerMessage(EventId = 1007, Level = LogLevel.Warning, Message = "Queue {Queue} cannot be consumed; trying again")]
    public static partial void ConsumerFailed(ILogger logger, string queue, Exception exception);

    [LoggerMessage(EventId = 1008, Level = LogLevel.Warning, Message = "A job of {Queue} goes back to the broker")]
    public static partial void JobReturned(ILogger logger, string queue, Exception exception);

    [LoggerMessage(EventId = 1009, Level = LogLevel.Warning, Message = "Fan-out of post {Post} failed for the {Attempts}. time; again in {Pause}")]
    public static partial void JobFailed(ILogger logger, long post, int attempts, TimeSpan pause, Exception exception);

    [LoggerMessage(EventId = 1010, Level = LogLevel.Error, Message = "A fan-out job was parked: {Reason}")]
    public static partial void JobParked(ILogger logger, string reason);

    [LoggerMessage(EventId = 1011, Level = LogLevel.Information, Message = "Imported {Imported} {What}, skipped {Skipped}, in {Duration}")]
    public static partial void Imported(ILogger logger, long imported, string what, long skipped, TimeSpan duration);

    [LoggerMessage(EventId = 1012, Level = LogLevel.Warning, Message = "The primary took no new post ({Reason})")]
    public static partial void PrimaryAway(ILogger logger, string reason);

    [LoggerMessage(EventId = 1013, Level = LogLevel.Warning, Message = "A post could be neither written nor queued ({Reason})")]
    public static partial void PendingNotQueued(ILogger logger, string reason);

    [LoggerMessage(EventId = 1014, Level = LogLevel.Warning, Message = "Pending posts wait ({Reason})")]
    public static partial void PendingWait(ILogger logger, string reason, Exception? exception);

    [LoggerMessage(EventId = 1015, Level = LogLevel.Information, Message = "{Count} pending posts were dealt with")]
    public static partial void PendingEnded(ILogger logger, int count);

    [LoggerMessage(EventId = 1016, Level = LogLevel.Error, Message = "Pending post {Message} was refused: {Reason}. Its content is kept in pending_posts")]
    public static partial void PendingRefused(ILogger logger, Guid message, string reason);

    [LoggerMessage(EventId = 1017, Level = LogLevel.Debug, Message = "The queue of pending posts could not be marked ({Reason})")]
    public static partial void PendingNotMarked(ILogger logger, string reason);

    [LoggerMessage(EventId = 1018, Level = LogLevel.Information, Message = "Posts of user {Author} are merged by their readers from now on: {Reason}")]
    public static partial void PullRangeOpened(ILogger logger, long author, PullReason reason);

    [LoggerMessage(EventId = 1019, Level = LogLevel.Information, Message = "Posts of user {Author} are pushed again; they were merged: {Reason}")]
    public static partial void PullRangeClosed(ILogger logger, long author, PullReason reason);

    [LoggerMessage(EventId = 1020, Level = LogLevel.Warning, Message = "The pull ranges could not be looked at ({Reason}); trying again")]
    public static partial void PullRangesNotLookedAt(ILogger logger, string reason);

    [LoggerMessage(
        EventId = 1021, Level = LogLevel.Warning, Message = "{Count} fan-out jobs were entered as open until {Moment} and are nowhere: they count as done")]
    public static partial void JobsForgotten(ILogger logger, long count, DateTimeOffset moment);

    [LoggerMessage(EventId = 1022, Level = LogLevel.Warning, Message = "The open fan-out jobs could not be looked at; trying again")]
    public static partial void OpenJobsNotLookedAt(ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 1040, Level = LogLevel.Warning,
        Message = "The home timeline of user {User} differs from SQL: {Kind} posts {Posts}, against {Node} at {Lsn}. Forgotten, to be built anew: {Forgotten}")]
    public static partial void TimelineDiffers(ILogger logger, long user, string kind, string posts, string node, string lsn, bool forgotten);

    [LoggerMessage(EventId = 1041, Level = LogLevel.Information, Message = "Home timelines cannot be compared with SQL for the moment ({Reason})")]
    public static partial void OracleCannotLook(ILogger logger, string reason);

    [LoggerMessage(EventId = 1042, Level = LogLevel.Debug, Message = "The home timeline of user {User} may differ from SQL in {Posts} posts; looking again at {Due}")]
    public static partial void TimelineSuspected(ILogger logger, long user, int posts, DateTimeOffset due);

    [LoggerMessage(EventId = 1030, Level = LogLevel.Warning, Message = "Streams cannot look for news ({Reason}); they go on when they can")]
    public static partial void StreamsWithoutNews(ILogger logger, string reason, Exception exception);

    [LoggerMessage(EventId = 1031, Level = LogLevel.Information, Message = "Streams can look for news again")]
    public static partial void StreamsGoOn(ILogger logger);
}
