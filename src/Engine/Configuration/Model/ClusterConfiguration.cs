using System.ComponentModel.DataAnnotations;
using PluginHost.Sdk;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>This host among those that share its session store. Without effect with a store of one host.</summary>
internal sealed record ClusterConfiguration
{
    /// <summary>The host's name in logs and lists; empty for that of the machine.</summary>
    public string HostName { get; init; } = "";

    /// <summary>Where the other hosts reach this one, <c>http://host:port</c>. Without it, they cannot pass requests on to it.</summary>
    public Uri? Address { get; init; }

    /// <summary>The key that all hosts share. They prove with it to each other what they are.</summary>
    public Secret? Key { get; init; }

    /// <summary>Mutual TLS between hosts; null when they reach each other without, or a proxy encrypts.</summary>
    public ClusterTlsConfiguration? Tls { get; init; }
}

/// <summary>How hosts recognise each other by certificates. All are PEM files; once read, their paths are absolute. Immutable.</summary>
internal sealed record ClusterTlsConfiguration
{
    /// <summary>Where this host listens for the other ones, <c>https://ip:port</c>. Only hosts with a certificate can connect.</summary>
    [Required]
    public required string Listen { get; init; } = "";

    /// <summary>The certificate of this host, for servers and clients.</summary>
    [Required]
    public required string CertificateFile { get; init; } = "";

    /// <summary>The private key of the certificate.</summary>
    [Required]
    public required string PrivateKeyFile { get; init; } = "";

    /// <summary>The certificates of the authorities that issue those of the hosts, up to the root.</summary>
    [Required]
    public required string AuthoritiesFile { get; init; } = "";

    /// <summary>A DNS name that the certificates of all hosts have, and no other certificate of these authorities.</summary>
    [Required]
    public required string CertificateName { get; init; } = "";
}
