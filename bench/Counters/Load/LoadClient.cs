using System.Net;
using System.Net.Sockets;

namespace Floodgate.Bench.Counters.Load;

/// <summary>
/// A closed loop over HTTP/1.1: so many keep-alive connections, each sends its next request when it has the answer to the
/// last. One thread, ready-made bytes, no pipelining.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class LoadClient(TimeProvider time)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    /// <summary>How long the last answers are waited for, and how long no answer at all is put up with.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(15);

    /// <summary>Loads a server.</summary>
    /// <param name="target">Where it listens.</param>
    /// <param name="requests">What to send.</param>
    /// <param name="connections">How many connections, so how many requests at once.</param>
    /// <param name="duration">How long new requests are sent.</param>
    /// <param name="result">Takes what becomes of it, beside what it has already.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public Task RunAsync(
        EndPoint target, RequestSource requests, int connections, TimeSpan duration, LoadResult result, CancellationToken cancellation) =>
        Task.Factory.StartNew(
            () => Run(target, requests, connections, duration, result, cancellation),
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    private void Run(EndPoint target, RequestSource requests, int count, TimeSpan duration, LoadResult result, CancellationToken cancellation)
    {
        var ready = new ReadyConnections(count);
        var connections = new LoadConnection[count];
        try
        {
            for (var i = 0; i < count; i++)
            {
                connections[i] = new LoadConnection(target);
                connections[i].Connect();
                ready.Watch(i, connections[i].Socket);
            }

            Loop(connections, ready, requests, duration, result, cancellation);
        }
        finally
        {
            foreach (var connection in connections) connection?.Dispose();
        }
    }

    private void Loop(
        LoadConnection[] connections, ReadyConnections ready, RequestSource requests, TimeSpan duration, LoadResult result, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        foreach (var connection in connections) connection.Send(requests, time.GetTimestamp());
        var underWay = connections.Length;
        while (underWay > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            ready.Wait(Tick);
            for (var i = 0; i < connections.Length; i++)
            {
                if (ready.IsReady(i) && !Serve(connections[i], i))
                {
                    ready.Ignore(i);
                    underWay--;
                }
            }

            if (time.GetElapsedTime(started) > duration + Patience)
            {
                foreach (var connection in connections.Where(connection => connection.SentAt != 0)) result.Failed(0);
                break;
            }
        }

        result.Duration += duration;

        // Whether the connection goes on.
        bool Serve(LoadConnection connection, int index)
        {
            var sentAt = connection.SentAt;
            try
            {
                if (!connection.TryReceive(out var answer)) return true;
                var now = time.GetTimestamp();
                var inTime = time.GetElapsedTime(started, now) <= duration;
                result.Answered(answer, time.GetElapsedTime(sentAt, now), inTime);
                if (!inTime) return false;
                connection.Send(requests, now);
            }
            catch (Exception exception) when (exception is SocketException or InvalidDataException)
            {
                // The request may have been carried out. One that is broken once more, or refused, ends the connection.
                result.Failed(0);
                return time.GetElapsedTime(started) <= duration && TryAgain(connection, index);
            }

            return true;
        }

        bool TryAgain(LoadConnection connection, int index)
        {
            try
            {
                connection.Connect();
                connection.Send(requests, time.GetTimestamp());
                ready.Watch(index, connection.Socket);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}
