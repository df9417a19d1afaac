using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.Nodes;

/// <summary>
/// Reads from the node the router chose and proves that it was far enough: the position is asked for in the same
/// round trip, before the queries, on the same backend. A node that is behind, unreachable, or cancels the query for
/// replay is left for the primary, and the answer says so.
/// </summary>
/// <param name="nodes">The nodes.</param>
/// <param name="options">The read timeout.</param>
public sealed class NodeReader(PostgresNodes nodes, IOptions<NodeOptions> options)
{
    /// <summary>The reason of an answer from a primary that never reached the position asked for: what was there is lost.</summary>
    public const string WriteMayBeLost = "write-may-be-lost";

    /// <summary>Runs queries in one round trip.</summary>
    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <param name="where">The node, and how far it must be.</param>
    /// <param name="compose">Adds the queries to the batch. Called once per attempt.</param>
    /// <param name="read">
    /// Reads the results: called with the reader on the first query's result set; <c>NextResultAsync</c> gets to the next.
    /// </param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <returns>The answer and where it was read.</returns>
    /// <exception cref="NodeUnavailableException">Neither the node nor the primary answered.</exception>
    public async Task<ReadAt<T>> ReadAsync<T>(
        NodeRead where, Action<NpgsqlBatch> compose, Func<NpgsqlDataReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(compose);
        ArgumentNullException.ThrowIfNull(read);
        string? reason = null;
        if (where.Node != PostgresNodes.PrimaryName && nodes.TryGet(where.Node, out var source))
        {
            try
            {
                var answer = await TryReadAsync(source, where, compose, read, cancellationToken);
                if (answer is { } fresh)
                {
                    return fresh;
                }

                reason = "node-behind";
            }
            catch (Exception exception) when (IsFailureOfNode(exception, cancellationToken))
            {
                reason = "node-failed";
            }
        }

        try
        {
            var primary = where with { Node = PostgresNodes.PrimaryName };
            var answer = await TryReadAsync(nodes.Primary, primary, compose, read, cancellationToken)
                ?? throw new NodeUnavailableException(primary.Node, $"The node that takes writes is in recovery and has not reached {where.AtLeast}.");
            return answer with { Reason = answer.Reason ?? reason };
        }
        catch (Exception exception) when (IsFailureOfNode(exception, cancellationToken))
        {
            throw new NodeUnavailableException(PostgresNodes.PrimaryName, "The primary does not answer.", exception);
        }
    }

    private async Task<ReadAt<T>?> TryReadAsync<T>(
        NpgsqlDataSource source, NodeRead where, Action<NpgsqlBatch> compose,
        Func<NpgsqlDataReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(options.Value.ReadTimeout);
        await using var connection = await source.OpenConnectionAsync(limited.Token);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(WalPositionQuery.Sql));
        compose(batch);
        await using var reader = await batch.ExecuteReaderAsync(limited.Token);
        await reader.ReadAsync(limited.Token);
        var position = WalPositionQuery.Read(reader);
        var isBehind = position < where.AtLeast;
        if (isBehind && (where.Node != PostgresNodes.PrimaryName || reader.GetBoolean(0)))
        {
            return null;
        }

        // Nothing is further than a primary. What the caller saw beyond it is gone, and waiting would not bring it back.
        await reader.NextResultAsync(limited.Token);
        var value = await read(reader, limited.Token);
        return new ReadAt<T>(value, where.Node, position, isBehind ? WriteMayBeLost : null);
    }

    // Connection loss, a timeout of ours, or a query that replay cancelled (40001, 57014). An error in the SQL is ours.
    private static bool IsFailureOfNode(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && exception switch
        {
            PostgresException postgres => postgres.IsTransient || postgres.SqlState is PostgresErrorCodes.SerializationFailure
                or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
                or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections,
            NpgsqlException or TimeoutException or IOException or OperationCanceledException => true,
            _ => false,
        };
}
