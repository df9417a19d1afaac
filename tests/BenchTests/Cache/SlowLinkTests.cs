using System.Net;
using System.Net.Sockets;
using Floodgate.Bench.Cache;

namespace Floodgate.BenchTests.Cache;

public sealed class SlowLinkTests
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_sent_arrives_in_order_and_later_and_answers_come_back()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var delay = TimeSpan.FromMilliseconds(30);
        await using var link = new SlowLink(delay, TimeProvider.System);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, link.Port, Patience);
        link.LeadTo("127.0.0.1", ((IPEndPoint)server.LocalEndpoint).Port);
        using var served = await server.AcceptTcpClientAsync(Patience);

        var began = TimeProvider.System.GetTimestamp();
        for (byte i = 0; i < 100; i++) await client.GetStream().WriteAsync(new[] { i }, Patience);
        var arrived = new byte[100];
        await served.GetStream().ReadExactlyAsync(arrived, Patience);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (byte)i), arrived);
        Assert.True(TimeProvider.System.GetElapsedTime(began) >= delay * 0.9);

        await served.GetStream().WriteAsync(new byte[] { 7 }, Patience);
        var answer = new byte[1];
        await client.GetStream().ReadExactlyAsync(answer, Patience);
        Assert.Equal(7, answer[0]);
    }
}
