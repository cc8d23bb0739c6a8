using System.Net.Sockets;
using PluginHost.Cli.Remote;
using PluginHost.Engine.Configuration.Listening;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Http;

namespace PluginHost.Tests.Api;

public sealed class ListeningTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerAndGroup = Owner | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("listen").FullName;

    private string SocketPath => Path.Combine(_folder, "host.sock");

    private ServerConfiguration OnSocket => new() { Listen = [$"unix:{SocketPath}"] };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false, Owner)]
    [InlineData(true, OwnerAndGroup)]
    public async Task A_Unix_socket_serves_its_owner_or_the_group_too_and_is_gone_afterwards(bool group, UnixFileMode mode)
    {
        await using (await ApiHost.StartAsync(OnSocket with { SocketAccess = group ? SocketAccess.Group : SocketAccess.Owner }))
        {
            using var client = ChatClient.Connect($"unix:{SocketPath}", key: null);
            Assert.Equal(["assistant"], await client.ListAgentsAsync(CancellationToken.None));
            if (!OperatingSystem.IsWindows())
                Assert.Equal(mode, File.GetUnixFileMode(SocketPath));
        }

        Assert.False(File.Exists(SocketPath));
    }

    [Fact]
    public async Task A_socket_file_left_by_a_crash_does_not_stop_the_start()
    {
        LeaveSocketFile();
        await using var host = await ApiHost.StartAsync(OnSocket);
        Assert.Single(host.Log.Of("Removed the socket file"));
    }

    [Fact]
    public async Task A_socket_that_another_process_listens_on_is_not_taken()
    {
        await using var first = await ApiHost.StartAsync(OnSocket);
        var refused = await Assert.ThrowsAsync<IOException>(() => ApiHost.StartAsync(OnSocket));
        Assert.Contains("another process", refused.Message);
        Assert.True(File.Exists(SocketPath));
    }

    [Theory]
    [InlineData("")]
    [InlineData("precious")]
    public async Task A_file_that_is_no_socket_is_not_deleted(string content)
    {
        await File.WriteAllTextAsync(SocketPath, content);
        await Assert.ThrowsAsync<IOException>(() => ApiHost.StartAsync(OnSocket));
        Assert.Equal(content, await File.ReadAllTextAsync(SocketPath));
    }

    [Theory]
    [InlineData("http://127.0.0.1:5080", true)]
    [InlineData("http://localhost:5080", true)]
    [InlineData("http://[::1]:5080", true)]
    [InlineData("unix:/run/host.sock", true)]
    [InlineData("http://0.0.0.0:5080", false)]
    [InlineData("http://*:5080", false)]
    [InlineData("http://192.168.1.2:5080", false)]
    public void Loopback_and_sockets_are_local(string address, bool local) => Assert.Equal(local, ListenAddress.Parse(address).IsLocal);

    [Theory]
    [InlineData("unix:/run/host.sock", false, "/run/host.sock")]
    [InlineData("unix:///run/host.sock", false, "/run/host.sock")]
    [InlineData(@"unix:C:\run\host.sock", true, @"C:\run\host.sock")]
    [InlineData("unix:/C:/run/host.sock", true, "C:/run/host.sock")]
    [InlineData("unix:///c:/run/host.sock", true, "c:/run/host.sock")]
    [InlineData("unix:/C:/run/host.sock", false, "/C:/run/host.sock")]
    [InlineData("http://127.0.0.1:5080", true, null)]
    public void A_socket_has_a_path_in_the_form_of_its_system(string address, bool isWindows, string? expected) =>
        Assert.Equal(expected, SocketAddress.TryGetPath(address, isWindows));

    [Theory]
    [InlineData("127.0.0.1:5080")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://example.com:5080")]
    [InlineData("https://127.0.0.1:5080")]
    [InlineData("unix:relative")]
    [InlineData("")]
    public void Another_address_is_refused_with_what_is_allowed(string address) =>
        Assert.Contains("Allowed", Assert.Throws<FormatException>(() => ListenAddress.Parse(address)).Message);

    [Fact]
    public void Without_keys_the_host_does_not_listen_to_others()
    {
        var configuration = new HostConfiguration { Server = new ServerConfiguration { Listen = ["http://0.0.0.0:0"] } };
        var refused = Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddHttp(configuration));
        Assert.Contains("Server:ApiKeys", refused.Message);
    }

    private void LeaveSocketFile()
    {
        // A bound socket removes its file when it is closed, a crash does not: the file is moved to keep it.
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var path = Path.Combine(_folder, "crashed.sock");
        socket.Bind(new UnixDomainSocketEndPoint(path));
        File.Move(path, SocketPath);
    }
}
