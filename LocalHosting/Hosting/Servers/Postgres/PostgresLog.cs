using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Servers.Postgres;

/// <summary>Tells which lines of a PostgreSQL server are worth a place on the console.</summary>
internal static class PostgresLog
{
    // What belongs to every start and stop, and to every restart of the other node.
    private static readonly string[] Expected =
    [
        "the database system is starting up",
        "the database system is shutting down",
        "the database system is in recovery mode",
        "the database system is not yet accepting connections",
        "terminating connection due to administrator command",
        "terminating walreceiver process due to administrator command",
        "could not connect to the primary server",
        "could not receive data from WAL stream",
        "could not send end-of-streaming message to primary",
    ];

    public static LogLevel Classify(string line)
    {
        if (Expected.Any(text => line.Contains(text, StringComparison.Ordinal)))
            return LogLevel.Debug;
        if (line.Contains("PANIC:", StringComparison.Ordinal) || line.Contains("FATAL:", StringComparison.Ordinal))
            return LogLevel.Error;
        return line.Contains("WARNING:", StringComparison.Ordinal) ? LogLevel.Warning : LogLevel.Debug;
    }
}
