using Floodgate.Sessions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.Nodes;

/// <summary>
/// Reads from the node the router chose and proves that it was far enough: the position is asked for in the same
/// round trip, before the queries, on the same backend. A node that is behind, on a timeline that was left, unreachable,
/// or cancels the query for replay is left for the primary, and the answer says so.
/// </summary>
/// <param name="nodes">The nodes.</param>
/// <param name="options">The read timeout.</param>
public sealed class NodeReader(PostgresNodes nodes, IOptions<NodeOptions> options)
{
    /// <summary>The reason of an answer from a primary that never reached the position asked for: what was there is lost.</summary>
    public const string WriteMayBeLost = "write-may-be-lost";

    /// <summary>The reason of an answer from another node than the one that was asked for, which failed.</summary>
    public const string NodeFailed = "node-failed";

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
        for (var name = where.Node; name is not null && name != nodes.PrimaryName && nodes.TryGet(name, out var source); name = Another(name, where, reason))
        {
            try
            {
                if (await TryReadAsync(source, name, where.AtLeast, compose, read, cancellationToken) is { } answer)
                {
                    return answer with { Reason = reason };
                }

                reason ??= "node-behind";
                break;
            }
            catch (Exception exception) when (IsFailureOfNode(exception, cancellationToken))
            {
                reason = NodeFailed;
                if (name != where.Node)
                {
                    break;
                }
            }
        }

        var primary = nodes.PrimaryName;
        try
        {
            var answer = await TryReadAsync(nodes.Primary, primary, where.AtLeast, compose, read, cancellationToken)
                ?? throw new NodeUnavailableException(primary, $"{primary} does not take writes and has not reached {where.AtLeast}.");
            return answer with { Reason = answer.Reason ?? reason };
        }
        catch (Exception exception) when (IsFailureOfNode(exception, cancellationToken))
        {
            throw new NodeUnavailableException(primary, "The primary does not answer.", exception);
        }
    }

    // A replica that failed leaves its reads to another replica, so that the primary does not get them all; one more is enough.
    private string? Another(string failed, NodeRead where, string? reason) =>
        reason == NodeFailed && failed == where.Node && nodes.NextReplica() is { } next && next != failed ? next : null;

    private async Task<ReadAt<T>?> TryReadAsync<T>(
        NpgsqlDataSource source, string node, WalPosition atLeast, Action<NpgsqlBatch> compose,
        Func<NpgsqlDataReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(options.Value.ReadTimeout);
        await using var connection = await source.OpenConnectionAsync(limited.Token);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(WalPositionQuery.Sql));
        compose(batch);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(WalPositionQuery.Sql));
        await using var reader = await batch.ExecuteReaderAsync(limited.Token);
        await reader.ReadAsync(limited.Token);
        var (inRecovery, startedAt) = WalPositionQuery.ReadServer(reader);
        var position = nodes.Place(node, inRecovery, WalPositionQuery.Read(reader), startedAt);
        if (nodes.View.History.Judge(position) == Standing.Ahead)
        {
            // Promoted, or the replica of a promoted node: what it is worth is known once its history is.
            await nodes.ObserveAsync(node, new NodeObservation(inRecovery, position, SystemId: 0) { StartedAt = startedAt }, limited.Token);
        }

        var takesWrites = nodes.PrimaryName == node && !inRecovery;
        var history = nodes.View.History;
        var covers = history.Covers(position, atLeast);
        if (!covers && (!takesWrites || history.Judge(position) == Standing.Lost || history.Judge(atLeast) == Standing.Ahead))
        {
            return null;
        }

        // Nothing is further than the primary. What the caller saw beyond it is gone, and waiting would not bring it back.
        await reader.NextResultAsync(limited.Token);
        var value = await read(reader, limited.Token);
        var shown = position;
        while (await reader.NextResultAsync(limited.Token))
        {
            if (WalPositionQuery.IsAt(reader) && await reader.ReadAsync(limited.Token))
            {
                shown = nodes.Place(node, inRecovery, WalPositionQuery.Read(reader), startedAt);
            }
        }

        return new ReadAt<T>(value, node, shown, covers ? null : WriteMayBeLost) { FromPrimary = takesWrites, Holds = position };
    }

    // Connection loss, a timeout of ours, or a query that replay cancelled (40001, 57014). An error in the SQL is ours.
    private static bool IsFailureOfNode(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && exception switch
        {
            PostgresException postgres => postgres.IsTransient || postgres.SqlState is PostgresErrorCodes.SerializationFailure
                or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
                or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections,
            NodeUnavailableException => false,
            _ => NodeFailure.Is(exception),
        };
}
