using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Floodgate.Bench.Counters.Load;

/// <summary>
/// Waits until some of many sockets can be read, by poll(2). The runtime's asynchronous sockets cost several times as much
/// processor time a request, which the servers under measure would lack.
/// </summary>
internal sealed partial class ReadyConnections(int count)
{
    private const short Readable = 0x0001;
    private const int Interrupted = 4;

    private readonly Entry[] _entries = new Entry[count];

    /// <summary>Watches a socket.</summary>
    public void Watch(int index, Socket socket) => _entries[index] = new Entry { Descriptor = (int)socket.Handle, Wanted = Readable };

    /// <summary>Watches it no more.</summary>
    public void Ignore(int index) => _entries[index].Descriptor = -1;

    /// <summary>Whether the last wait found it ready: there is something to read, or an error or the end to see.</summary>
    public bool IsReady(int index) => _entries[index] is { Descriptor: >= 0, Found: not 0 };

    /// <summary>Waits until one is ready.</summary>
    /// <exception cref="Win32Exception">The system refuses.</exception>
    public unsafe void Wait(TimeSpan limit)
    {
        fixed (Entry* entries = _entries)
        {
            if (Poll(entries, (nuint)_entries.Length, (int)limit.TotalMilliseconds) >= 0) return;
        }

        var error = Marshal.GetLastPInvokeError();
        if (error != Interrupted) throw new Win32Exception(error);
        foreach (ref var entry in _entries.AsSpan()) entry.Found = 0;
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static unsafe partial int Poll(Entry* entries, nuint count, int milliseconds);

    // struct pollfd.
    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public int Descriptor;
        public short Wanted;
        public short Found;
    }
}
