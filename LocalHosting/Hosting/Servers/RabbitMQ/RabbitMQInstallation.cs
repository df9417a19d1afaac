using Aspire.Hosting.Processes;

namespace Aspire.Hosting.Servers.RabbitMQ;

/// <summary>Finds RabbitMQ's programs.</summary>
/// <param name="Server">Starts the server.</param>
/// <param name="PortMapper">Erlang's epmd, which tells nodes of one machine where they are.</param>
internal sealed record RabbitMQInstallation(string Server, string PortMapper)
{
    // Debian's program in PATH changes to the user rabbitmq and the system's folders; this one is what it starts.
    private static readonly string[] KnownServers = ["/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/rabbitmq/sbin/rabbitmq-server"];

    public static RabbitMQInstallation? Find()
    {
        var server = KnownServers.FirstOrDefault(File.Exists) ?? Programs.Find("rabbitmq-server");
        var portMapper = Programs.Find("epmd");
        return server is null || portMapper is null || Programs.Find("erl") is null ? null : new(server, portMapper);
    }
}
