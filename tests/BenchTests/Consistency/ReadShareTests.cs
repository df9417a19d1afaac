using Floodgate.Bench.Consistency.Histories;
using Floodgate.Bench.Consistency.Load;
using Floodgate.Bench.Consistency.Sharing;
using Floodgate.Bench.Gateway;

namespace Floodgate.BenchTests.Consistency;

public sealed class ReadShareTests : IDisposable
{
    private static readonly Uri Nowhere = new("http://localhost:1");

    private readonly LoadWorld _world = new("run");
    private readonly HttpClient _http = new();

    public ReadShareTests()
    {
        foreach (var (policy, number) in new[] { "lsn", "primary" }.Select((policy, i) => (policy, i)))
        {
            var client = new SessionClient(_http, new Door(policy, Nowhere), "Bearer x", new Random(1), TimeProvider.System);
            _world.Add(new LoadSession(number, number + 1, client, _world, new Random(1), TimeProvider.System));
        }
    }

    [Fact]
    public void It_counts_answered_reads_that_say_where()
    {
        Read(0, "replica-1");
        Read(0, "replica-2");
        Read(0, "replica-2");
        Read(0, "primary");
        Read(0, "primary", Outcome.Refused);
        Read(0, null);
        Read(1, "primary");
        var share = new ReadShare(_world, since: 0);
        Assert.Equal(0.75, share.OfReplicas("lsn"));
        Assert.Equal(0, share.OfReplicas("primary"));
        Assert.Equal("lsn 4 3 1 75.0 %", string.Join(' ', share.ToTable(["lsn", "primary"]).Rows[0]));
    }

    [Fact]
    public void What_began_before_does_not_count()
    {
        Read(0, "primary");
        Assert.True(double.IsNaN(new ReadShare(_world, since: 1).OfReplicas("lsn")));
    }

    [Fact]
    public void A_policy_without_reads_has_no_share() => Assert.True(double.IsNaN(new ReadShare(_world, since: 0).OfReplicas("window")));

    public void Dispose() => _http.Dispose();

    private void Read(int session, string? node, Outcome outcome = Outcome.Acknowledged) => _world.History.Add(
        new Operation { Session = session, Kind = OperationKind.Read, Start = 0, End = 1, Outcome = outcome, Node = node, Reason = "caught-up" });
}
