using Floodgate.ReadRouter.Alerts;
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

    [LoggerMessage(EventId = 1004, Level = LogLevel.Warning, Message = "Alert {Alert}: {Detail}")]
    public static partial void AlertRaised(this ILogger logger, Alert alert, string detail);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Information, Message = "Alert {Alert} is over after {Time}")]
    public static partial void AlertCleared(this ILogger logger, Alert alert, TimeSpan time);

    [LoggerMessage(EventId = 1006, Level = LogLevel.Warning, Message = "{Service} at {Address} did not answer: {Error}")]
    public static partial void InstanceFailed(this ILogger logger, string service, string address, string error);

    [LoggerMessage(EventId = 1008, Level = LogLevel.Warning, Message = "{Node} gets no more reads: it answers polls, but reads on it failed one after another")]
    public static partial void NodeFailsReads(this ILogger logger, string node);

    [LoggerMessage(EventId = 1009, Level = LogLevel.Warning,
        Message = "{Node} gets no more reads: at {Position} it is not on the line that leads to the primary. It serves again when it follows the primary")]
    public static partial void NodeDiverged(this ILogger logger, string node, WalPosition position);

    [LoggerMessage(EventId = 1010, Level = LogLevel.Critical,
        Message = "The canary was not told the truth: {Node} showed {Value} at {Position}, although the session was at {Seen} and had seen more")]
    public static partial void CanaryViolation(this ILogger logger, string node, long value, WalPosition position, WalPosition seen);

    [LoggerMessage(EventId = 1011, Level = LogLevel.Debug, Message = "The canary could not write or read: {Error}")]
    public static partial void CanaryUnavailable(this ILogger logger, string error);

    [LoggerMessage(EventId = 1007, Level = LogLevel.Debug, Message = "{Service} at {Address} gave no status: {Error}")]
    public static partial void StatusMissing(this ILogger logger, string service, string address, string error);
}
