using Floodgate.Sessions;

namespace Floodgate.ReadRouter;

/// <summary>Everything the router logs.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1001, Level = LogLevel.Warning, Message = "{Node} gets no more reads: {Polls} polls failed, the last with: {Error}")]
    public static partial void NodeFailed(this ILogger logger, string node, int polls, string error);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message = "{Node} gets no more reads: it lags by {Lag}")]
    public static partial void NodeLags(this ILogger logger, string node, TimeSpan lag);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Information, Message = "{Node} gets reads: {Lag} behind, at {Position}")]
    public static partial void NodeAdmitted(this ILogger logger, string node, TimeSpan lag, WalPosition position);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Warning, Message = "{Node} lags by {Lag}, {Bytes} bytes, which is past the alert")]
    public static partial void LagAlert(this ILogger logger, string node, TimeSpan lag, ulong bytes);

    [LoggerMessage(EventId = 1006, Level = LogLevel.Warning, Message = "{Service} at {Address} did not answer: {Error}")]
    public static partial void InstanceFailed(this ILogger logger, string service, string address, string error);

    [LoggerMessage(EventId = 1007, Level = LogLevel.Debug, Message = "{Service} at {Address} gave no status: {Error}")]
    public static partial void StatusMissing(this ILogger logger, string service, string address, string error);
}
