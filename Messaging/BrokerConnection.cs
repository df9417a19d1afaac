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

    private readonly SemaphoreSlim _opening = new(1, 1);
    private IConnection? _connection;
    private Exception? _failure;
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

        await _opening.WaitAsync(cancellationToken);
        try
        {
            return _connection is { IsOpen: true } now ? now : await OpenAsync(cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            await connection.DisposeAsync();
        }

        _opening.Dispose();
    }

    private async Task<IConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_failure is { } failure && time.GetElapsedTime(_failedAt) < Pause)
        {
            throw new IOException("The broker cannot be reached.", failure);
        }

        if (_connection is { } lost)
        {
            _connection = null;
            await lost.DisposeAsync();
        }

        try
        {
            _connection = await factory.CreateConnectionAsync(name, cancellationToken);
            _failure = null;
            return _connection;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            (_failure, _failedAt) = (exception, time.GetTimestamp());
            throw new IOException("The broker cannot be reached.", exception);
        }
    }
}
