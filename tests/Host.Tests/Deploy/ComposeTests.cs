using System.Text.RegularExpressions;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Configuration.Sources;
using PluginHost.Telemetry;
using YamlDotNet.RepresentationModel;

namespace PluginHost.Tests.Deploy;

/// <summary>The compose file refers to what exists, and opens nothing to others.</summary>
public sealed partial class ComposeTests
{
    private static readonly YamlMappingNode Compose = DeployFiles.Yaml("compose.yaml");

    private static readonly IReadOnlyList<(string Name, YamlNode Service)> Services = [.. Compose.Find("services").Members().Select(m => (m.Key, m.Value))];

    private static readonly string Dockerfile = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "Dockerfile"));

    [Fact]
    public void Every_service_belongs_to_a_profile_and_needs_only_services_of_the_same()
    {
        Assert.Equal(["grafana", "hosts", "jaeger"], Services.SelectMany(s => s.Service.Find("profiles").Items()).Distinct().Order());
        foreach (var (_, service) in Services)
        {
            var profile = Assert.Single(service.Find("profiles").Items());
            foreach (var needed in service.Find("depends_on").Items())
                Assert.Equal(profile, Assert.Single(Services.Single(s => s.Name == needed).Service.Find("profiles").Items()));
        }
    }

    [Fact]
    public void Images_are_pinned_and_the_host_is_built_from_the_Dockerfile()
    {
        foreach (var (name, service) in Services)
        {
            if (service.Find("build") is { } build)
            {
                var context = Path.GetFullPath(build.Find("context")!.ToString(), DeployFiles.Folder);
                Assert.True(File.Exists(Path.Combine(context, build.Find("dockerfile")!.ToString())), name);
            }
            else
            {
                Assert.Matches(@"^[a-z/-]+:\d+(\.\d+){1,2}$", service.Find("image")!.ToString());
            }
        }
    }

    [Fact]
    public void Ports_are_bound_to_loopback() =>
        Assert.All(Services.SelectMany(s => s.Service.Find("ports").Items()), port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));

    [Fact]
    public void What_is_mounted_exists_and_the_host_looks_where_it_is_mounted()
    {
        var volumes = Compose.Find("volumes").Members().Select(m => m.Key).ToList();
        foreach (var (_, service) in Services)
        {
            foreach (var mount in service.Find("volumes").Items().Select(m => m.Split(':')))
            {
                if (mount[0].StartsWith('.')) Assert.True(Path.Exists(Path.GetFullPath(mount[0], DeployFiles.Folder)), mount[0]);
                else Assert.Contains(mount[0], volumes);
                if (service.Find("build") is not null) Assert.Matches($@"{mount[1]}\b", Dockerfile);
            }
        }

        Assert.True(File.Exists(Path.Combine(RepositoryFiles.Root, "config", "appsettings.json")));
    }

    [Fact]
    public void The_host_takes_every_variable_it_is_given()
    {
        var docs = string.Concat(Directory.GetFiles(Path.Combine(RepositoryFiles.Root, "docs"), "*.md").Select(File.ReadAllText));
        foreach (var (_, service) in Services.Where(s => s.Service.Find("build") is not null))
        {
            // One without a value is passed on only when it is set where compose runs.
            var given = service.Find("environment").Members().Where(v => v.Value.ToString().Length > 0).ToDictionary(v => v.Key, v => Variable().Replace(v.Value.ToString(), "$1"));
            Assert.All(given.Keys, name => Assert.True(
                TextSetting.IsRoot(name.Split("__")[0]) || docs.Contains(name, StringComparison.Ordinal), $"{name} is not documented."));
            given["PLUGINHOST_API_KEY"] = "key";

            var mounted = service.Find("volumes").Items().Single(m => m.Contains(":/config", StringComparison.Ordinal)).Split(':')[0];
            var loaded = ConfigurationLoader.Load(Path.GetFullPath(Path.Combine(mounted, "appsettings.json"), DeployFiles.Folder), given, [], HostPaths.Current);

            Assert.Empty(loaded.Errors);
            Assert.Empty(HostTelemetry.Validate(new ConfigurationBuilder().AddInMemoryCollection(given!).Build()));
            if (given.TryGetValue("OTEL_EXPORTER_OTLP_ENDPOINT", out var collector)) Assert.Contains(new Uri(collector).Host, service.Find("depends_on").Items());
        }
    }

    /// <summary>The mounted file may have other agents, and a variable for an agent that is not in it is an error.</summary>
    [Fact]
    public void No_agent_is_named_unless_the_operator_names_it() => Assert.DoesNotContain(
        Services.SelectMany(s => s.Service.Find("environment").Members()),
        v => v.Key.StartsWith("Agents__", StringComparison.Ordinal) && v.Value.ToString().Length > 0);

    [Fact]
    public void The_balancer_passes_web_sockets_on()
    {
        var balancer = File.ReadAllText(Path.Combine(DeployFiles.Folder, "hosts", "balancer.conf"));

        Assert.Contains("proxy_set_header Upgrade $http_upgrade;", balancer, StringComparison.Ordinal);
        Assert.Contains("proxy_set_header Connection $hosts_connection;", balancer, StringComparison.Ordinal);
    }

    [Fact]
    public void The_balancer_and_the_other_hosts_reach_each_host_where_it_says()
    {
        var balancer = File.ReadAllText(Path.Combine(DeployFiles.Folder, "hosts", "balancer.conf"));
        var hosts = Services.Where(s => s.Service.Find("profiles").Items().Single() == "hosts" && s.Service.Find("build") is not null).ToList();
        Assert.Equal(3, hosts.Count);
        foreach (var (name, service) in hosts)
        {
            Assert.Equal($"http://{name}:5080", service.Find("environment")!.Find("Cluster__Address")!.ToString());
            Assert.Contains($"server {name}:5080", balancer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Grafana_finds_the_dashboards_and_Prometheus_the_rules_where_they_are_mounted()
    {
        var mounts = Services.Single(s => s.Name == "grafana").Service.Find("volumes").Items().Select(m => m.Split(':')).ToDictionary(m => m[0], m => m[1]);
        var provider = ((YamlSequenceNode)DeployFiles.Yaml("grafana/dashboards.yaml").Find("providers")!)[0];
        Assert.Equal(mounts["./grafana/dashboards"], provider.Find("options")!.Find("path")!.ToString());
        var rules = Assert.Single(DeployFiles.Yaml("prometheus/prometheus.yaml").Find("rule_files").Items());
        Assert.Equal(Path.GetDirectoryName(rules), Path.GetDirectoryName(mounts["./prometheus/pluginhost.rules.yaml"]));
    }

    /// <summary>What a variable means that is not set.</summary>
    [GeneratedRegex(@"\$\{\w+:[-?]([^}]*)\}")]
    private static partial Regex Variable();
}
