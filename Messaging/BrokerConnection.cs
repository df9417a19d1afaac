using RabbitMQ.Client;

namespace Floodgate.Messaging;

/// <summary>
/// A connection to the broker that is made on first use and made anew once it is lost. Whoever needs it while the broker
/// is away learns so at once, instead of waiting for a recovery in the background. Safe for concurrent use.
/// </summary>
/// <param name="factory">Makes connections; its own recovery should be off.</param>
/// <param name="name">The connection's name, as the broker shows it.</param>
/// <param name="time">The clock.</param>
public sealed class BrokerConnection(IConnectionFactory factory, string name, TimeProvider time) : IAsyncDisposable
{
    // After a failed attempt the next callers get its error for this long, so that a dead broker is not stormed.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // An attempt that takes longer is to a host that does not answer.
    private static readonly TimeSpan Brisk = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private Task<IConnection>? _opening;
    private volatile IConnection? _connection;
    private volatile string? _blocked;
    private long _startedAt;
    private long _failedAt;
    private bool _isAway;

    /// <summary>Whether there is an open connection now.</summary>
    public bool IsOpen => _connection is { IsOpen: true };

    /// <summary>
    /// Why the broker takes no messages from this connection now (an alarm: disk or memory,
    /// https://www.rabbitmq.com/docs/connection-blocked); null where it does, or has not said that it does not: it says so
    /// when the first message comes.
    /// </summary>
    public string? Blocked => IsOpen ? _blocked : null;

    /// <summary>
    /// Whether a message may be sent. Not while the broker is in alarm, and not from the first attempt to connect that
    /// failed or hangs until one succeeds: asking starts the next attempt, in the background.
    /// </summary>
    public bool IsReady
    {
        get
        {
            if (IsOpen)
            {
                return _blocked is null;
            }

            lock (_lock)
            {
                if (_isAway)
                {
                    _ = Start();
                }

                return !_isAway && (_opening is not { IsCompleted: false } || time.GetElapsedTime(_startedAt) < Brisk);
            }
        }
    }

    /// <summary>The open connection, made if there is none.</summary>
    /// <exception cref="IOException">The broker cannot be reached.</exception>
    /// <exception cref="OperationCanceledException">The caller lost patience.</exception>
    public async ValueTask<IConnection> GetAsync(CancellationToken cancellationToken)
    {
        if (_connection is { IsOpen: true } open)
        {
            return open;
        }

        // The attempt is everybody's: it goes on when one of those who wait for it loses patience.
        Task<IConnection> opening;
        lock (_lock)
        {
            opening = Start();
        }

        return await opening.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            await connection.DisposeAsync();
        }
    }

    // Under the lock. The attempt that runs, or the last one while its failure is young, or a new one.
    private Task<IConnection> Start()
    {
        if (_opening is null or { IsCompletedSuccessfully: true } || _opening.IsFaulted && time.GetElapsedTime(_failedAt) >= Pause)
        {
            _startedAt = time.GetTimestamp();
            _opening = _connection is { IsOpen: true } now ? Task.FromResult(now) : Task.Run(OpenAsync, CancellationToken.None);
        }

        return _opening;
    }

    private async Task<IConnection> OpenAsync()
    {
        try
        {
            if (_connection is { } lost)
            {
                _connection = null;
                LostObject.Dispose(lost);
            }

            var connection = await factory.CreateConnectionAsync(name, CancellationToken.None);
            _blocked = null;
            connection.ConnectionBlockedAsync += (_, blocked) => SetBlocked(connection, blocked.Reason);
            connection.ConnectionUnblockedAsync += (_, _) => SetBlocked(connection, reason: null);
            _connection = connection;
            SetAway(away: false);
            return connection;
        }
        catch (Exception exception)
        {
            _failedAt = time.GetTimestamp();
            SetAway(away: true);
            throw new IOException("The broker cannot be reached.", exception);
        }
    }

    private Task SetBlocked(IConnection connection, string? reason)
    {
        if (_connection == connection)
        {
            _blocked = reason;
        }

        return Task.CompletedTask;
    }

    private void SetAway(bool away)
    {
        lock (_lock)
        {
            _isAway = away;
        }
    }
}
