using System.Net.Sockets;
using Floodgate.FlushWorker.Applying;
using Floodgate.Messaging.Counters;
using Npgsql;

namespace Floodgate.FlushWorker.Consuming;

/// <summary>What kind of failure a commit met.</summary>
internal enum FlushFailure
{
    /// <summary>It will pass: try the same again.</summary>
    Transient,

    /// <summary>It took too long: try less at once.</summary>
    Timeout,

    /// <summary>Something in the batch may be to blame: find it.</summary>
    Content,
}

/// <summary>Tells failures apart.</summary>
internal static class FlushFailures
{
    // Classes of SQLSTATE that the content of a batch cannot cause
    // (https://www.postgresql.org/docs/current/errcodes-appendix.html): connection, transaction state, authorization,
    // catalog, rollback, missing tables and rights, resources, operator intervention, system, configuration, prepared
    // statements that are gone or out of date, damaged data.
    private static readonly string[] NotTheContent = ["08", "0A", "25", "26", "28", "3D", "40", "42", "53", "55", "57", "58", "F0", "XX"];

    /// <summary>What kind a failure is.</summary>
    public static FlushFailure Classify(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } or OperationCanceledException or TimeoutException
            or NpgsqlException { InnerException: TimeoutException } => FlushFailure.Timeout,
        PostgresException postgres when !postgres.IsTransient && !NotTheContent.Contains(postgres.SqlState[..2]) => FlushFailure.Content,
        NpgsqlException or IOException or SocketException or ObjectDisposedException or PairTakenException => FlushFailure.Transient,
        OverflowException or InvalidEnvelopeException or ArgumentException or FormatException => FlushFailure.Content,

        // Nobody knows: what is tried again is not lost.
        _ => FlushFailure.Transient,
    };
}
