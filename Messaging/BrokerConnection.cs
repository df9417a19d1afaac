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

    private readonly Lock _lock = new();
    private Task<IConnection>? _opening;
    private IConnection? _connection;
    private long _failedAt;

    /// <summary>Whether there is an open connection now.</summary>
    public bool IsOpen => _connection is { IsOpen: true };

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
            if (_opening is null or { IsCompletedSuccessfully: true } || _opening.IsFaulted && time.GetElapsedTime(_failedAt) >= Pause)
            {
                _opening = _connection is { IsOpen: true } now ? Task.FromResult(now) : Task.Run(OpenAsync, CancellationToken.None);
            }

            opening = _opening;
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

    private async Task<IConnection> OpenAsync()
    {
        try
        {
            if (_connection is { } lost)
            {
                _connection = null;
                await lost.DisposeAsync();
            }

            return _connection = await factory.CreateConnectionAsync(name, CancellationToken.None);
        }
        catch (Exception exception)
        {
            _failedAt = time.GetTimestamp();
            throw new IOException("The broker cannot be reached.", exception);
        }
    }
}
