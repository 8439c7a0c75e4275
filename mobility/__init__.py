"""The ClusterXchange scheme: one package per part of the scheme."""
