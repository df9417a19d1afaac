using Aspire.Hosting.Installing;

namespace Floodgate.HostingTests;

public sealed class InstallDecisionTests
{
    private static readonly ServerPackage[] Missing = [new("Redis", "redis-server"), new("RabbitMQ", "rabbitmq-server")];

    [Fact]
    public void Nothing_is_installed_where_nothing_is_missing() =>
        Assert.Empty(InstallDecision.Make([], new(HasApt: true, IsRoot: true, HasSudo: true)).Packages);

    [Fact]
    public void Root_installs_what_is_missing()
    {
        var decision = InstallDecision.Make(Missing, new(HasApt: true, IsRoot: true, HasSudo: false));
        Assert.Equal(["redis-server", "rabbitmq-server"], decision.Packages);
        Assert.False(decision.UseSudo);
    }

    [Fact]
    public void A_user_with_sudo_installs_through_it() =>
        Assert.True(InstallDecision.Make(Missing, new(HasApt: true, IsRoot: false, HasSudo: true)).UseSudo);

    [Fact]
    public void A_user_who_may_not_install_is_told_the_command()
    {
        var refusal = Assert.Throws<DistributedApplicationException>(() => InstallDecision.Make(Missing, new(HasApt: true, IsRoot: false, HasSudo: false)));
        Assert.Contains("sudo apt-get install --no-install-recommends redis-server rabbitmq-server", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_there_is_no_apt_the_servers_are_named()
    {
        var refusal = Assert.Throws<DistributedApplicationException>(() => InstallDecision.Make(Missing, new(HasApt: false, IsRoot: true, HasSudo: false)));
        Assert.StartsWith("Redis and RabbitMQ must be installed first", refusal.Message, StringComparison.Ordinal);
    }
}
