using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.EndToEnd.ManyHosts;

/// <summary>Hosts that recognise each other by certificates.</summary>
[Trait("Form", "Long")]
public sealed class TlsTests
{
    private const string Name = "hosts.test";

    [PostgresFact]
    public async Task Hosts_with_certificates_of_one_authority_pass_requests_on_and_others_cannot_connect()
    {
        using var folder = WorkFolder.Create("{}");
        using var authority = new TestAuthority(folder, "ours");
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "tls");
        var variables = authority.Issue(Name);
        var (first, second) = (await group.StartAsync("first", variables), await group.StartAsync("second", authority.Issue(Name)));

        Assert.Equal("Echo: one (0 earlier messages)", await first.Api.AskAgentAsync("assistant", "ada", "one"));
        Assert.Equal("Echo: two (2 earlier messages)", await second.Api.AskAgentAsync("assistant", "ada", "two"));
        Assert.Equal(4, (await first.Api.ListMessagesAsync("ada")).Count);

        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var stranger = new HttpClient(handler) { BaseAddress = new Uri(variables[0].Value) };
        await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetAsync(new Uri("/health/live", UriKind.Relative)));

        // A client with the certificate that asks for HTTP/2 is answered with HTTP/1.1.
        using var own = X509Certificate2.CreateFromPemFile(variables.Single(v => v.Name == "Cluster__Tls__CertificateFile").Value, variables.Single(v => v.Name == "Cluster__Tls__PrivateKeyFile").Value);
        using var known = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new() { LocalCertificateSelectionCallback = (_, _, _, _, _) => own, RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
        });
        using var asked = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(variables[0].Value), "/health/live")) { Version = HttpVersion.Version20 };
        using var live = await known.SendAsync(asked);
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version11), (live.StatusCode, live.Version));

        // With the right key, but without a certificate.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/sessions/ada/runs") { Content = JsonContent.Create(new { agent = "assistant", input = "three" }) };
        request.Headers.Add("PluginHost-Forwarded-By", "second");
        using var refused = await first.Api.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("without a certificate", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_host_with_a_certificate_of_another_authority_is_named_with_the_cure()
    {
        using var folder = WorkFolder.Create("{}");
        using var ours = new TestAuthority(folder, "ours");
        using var theirs = new TestAuthority(folder, "theirs");
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "tls_foreign");
        var (first, second) = (await group.StartAsync("first", ours.Issue(Name)), await group.StartAsync("second", theirs.Issue(Name)));
        await first.Api.AskAgentAsync("assistant", "ada", "one");

        using var response = await second.Api.Http.PostAsJsonAsync("/v1/sessions/ada/runs", new { agent = "assistant", input = "two" });

        var problem = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Forbidden, problem);
        Assert.Contains("certificates of the same authorities", problem, StringComparison.Ordinal);
        await second.WaitForLogAsync(new Regex(@"of the other side: .*\(.*(PartialChain|UntrustedRoot)"));
    }

    [PostgresFact]
    public async Task A_certificate_that_only_the_other_host_refuses_is_named_as_a_possible_cause()
    {
        using var folder = WorkFolder.Create("{}");
        using var ours = new TestAuthority(folder, "ours");
        using var theirs = new TestAuthority(folder, "theirs");
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "tls_one_sided");
        var variables = ours.Issue(Name);
        var first = await group.StartAsync("first", variables);
        // It accepts the certificate of the first, and shows one that the first does not accept.
        var second = await group.StartAsync("second", [.. theirs.Issue(Name), variables.Single(v => v.Name == "Cluster__Tls__AuthoritiesFile")]);
        await first.Api.AskAgentAsync("assistant", "ada", "one");

        using var response = await second.Api.Http.PostAsJsonAsync("/v1/sessions/ada/runs", new { agent = "assistant", input = "two" });

        var problem = await response.Content.ReadAsStringAsync();
        Assert.False(response.IsSuccessStatusCode, problem);
        Assert.Contains("Cluster:Tls", problem, StringComparison.Ordinal);
        await first.WaitForLogAsync(new Regex(@"of the other side: .*\(.*(PartialChain|UntrustedRoot)"));
    }

    [PostgresFact]
    public async Task A_connection_that_ends_in_its_handshake_is_tried_again_and_no_certificate_is_blamed()
    {
        using var folder = WorkFolder.Create("{}");
        using var authority = new TestAuthority(folder, "ours");
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "tls_closed");
        using var closing = new TcpListener(IPAddress.Loopback, 0);
        closing.Start();
        var tries = CloseAllAsync(closing);
        var first = await group.StartAsync("first", [.. authority.Issue(Name), ("Cluster__Address", $"https://{closing.LocalEndpoint}")]);
        var second = await group.StartAsync("second", authority.Issue(Name));
        await first.Api.AskAgentAsync("assistant", "ada", "one");

        using var response = await second.Api.Http.PostAsJsonAsync("/v1/sessions/ada/runs", new { agent = "assistant", input = "two" });
        closing.Stop();

        var problem = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable, problem);
        Assert.Contains("session-elsewhere", problem, StringComparison.Ordinal);
        Assert.InRange(await tries, 2, int.MaxValue);
    }

    [Fact]
    public async Task Wrong_files_of_certificates_end_the_start_with_their_cure()
    {
        using var folder = WorkFolder.CreateShipped();
        using var authority = new TestAuthority(folder, "ours");
        (string Name, string Value)[] variables = [.. authority.Issue(Name), ("CLUSTER_KEY", HostGroup.Key), ("Cluster__Key__Environment", "CLUSTER_KEY")];

        var other = await RunningHost.RunAsync(folder, [], [.. variables, ("Cluster__Tls__CertificateName", "other.test")]);
        var absent = await RunningHost.RunAsync(folder, [], [.. variables, ("Cluster__Tls__PrivateKeyFile", "absent.key")]);

        Assert.All([other, absent], r => Assert.NotEqual(0, r.Code));
        Assert.Contains("does not have the name 'other.test'", other.Output + other.Errors, StringComparison.Ordinal);
        Assert.Contains("A file cannot be read", absent.Output + absent.Errors, StringComparison.Ordinal);
        Assert.Contains("Write PEM files", absent.Output + absent.Errors, StringComparison.Ordinal);
    }

    /// <returns>How many connections it has closed, when the listener stops.</returns>
    private static async Task<int> CloseAllAsync(TcpListener listener)
    {
        var count = 0;
        try
        {
            while (true)
            {
                (await listener.AcceptTcpClientAsync()).Dispose();
                count++;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return count;
        }
    }
}
