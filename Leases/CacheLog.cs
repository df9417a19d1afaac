using Microsoft.Extensions.Logging;

namespace Floodgate.Leases;

/// <summary>The log messages of the lease cache; 7000 to 7099.</summary>
internal static partial class CacheLog
{
    [LoggerMessage(EventId = 7001, Level = LogLevel.Debug, Message = "Cache of {Entity}: Redis does not answer ({Reason}); reading without it")]
    public static partial void RedisAway(ILogger logger, string entity, string reason);

    [LoggerMessage(EventId = 7002, Level = LogLevel.Warning, Message = "Cache of {Entity}: an entry cannot be read and is loaded anew ({Reason})")]
    public static partial void Unreadable(ILogger logger, string entity, string reason);

    [LoggerMessage(EventId = 7003, Level = LogLevel.Warning, Message = "Cache of {Entity}: a value could not be refreshed ({Reason}); it is served as it is")]
    public static partial void RefreshFailed(ILogger logger, string entity, string reason);

    [LoggerMessage(EventId = 7004, Level = LogLevel.Warning, Message = "Cache of {Entity}: Redis could not be told of a write; nothing it holds from before is believed any more")]
    public static partial void Disbelieved(ILogger logger, string entity);

    [LoggerMessage(EventId = 7005, Level = LogLevel.Error, Message = "Cache of {Entity}: neither Redis nor the primary could be told of a write; the outbox will")]
    public static partial void LeftToOutbox(ILogger logger, string entity, Exception exception);

    [LoggerMessage(EventId = 7006, Level = LogLevel.Debug, Message = "Wake-ups of the lease cache cannot be listened for yet ({Reason})")]
    public static partial void NotListening(ILogger logger, string reason);
}
